// What a page really sounds: `loudest()` is how loud it was since it was asked last, and `soundedFor()` how many seconds
// of sound the page's own clock of sound has counted (null while it has none, or the browser holds it).
(() => {
  const connect = AudioNode.prototype.connect;
  const ears = new Map();
  let peak = 0;

  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode) {
      if (!ears.has(to.context)) ears.set(to.context, new AnalyserNode(to.context, { fftSize: 4096 }));
      connect.call(this, ears.get(to.context));
    }
    return connect.call(this, to, ...rest);
  };

  const listen = window.setInterval.bind(window);
  listen(() => {
    for (const ear of ears.values()) {
      const samples = new Float32Array(ear.fftSize);
      ear.getFloatTimeDomainData(samples);
      peak = samples.reduce((most, one) => Math.max(most, Math.abs(one)), peak);
    }
  }, 40);

  window.loudest = () => {
    const heard = peak;
    peak = 0;
    return heard;
  };
  window.soundedFor = () => [...ears.keys()].find((one) => one.state === "running")?.currentTime ?? null;
})();
