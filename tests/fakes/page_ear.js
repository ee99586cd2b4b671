// What a page hears of its telephone, by tones: `hears(hertz)`, null while there was no sound long enough.
(() => {
  if (!navigator.mediaDevices) return;
  const listen = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  // A steady tone is a noise to be suppressed: the microphone as it is.
  navigator.mediaDevices.getUserMedia = () => listen({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });

  const LISTENED_S = 0.8;
  const LOUD_DB = -45; // a tone as our telephones say it is at -26
  const ears = new WeakMap();
  let sounds = null;

  window.hears = (hertz) => {
    const stream = [...document.querySelectorAll("audio")].map((one) => one.srcObject).find(Boolean);
    if (!stream) return null;
    sounds ??= new AudioContext();
    if (!ears.has(stream)) {
      const ear = sounds.createAnalyser();
      ear.fftSize = 16384;
      ear.smoothingTimeConstant = 0;
      sounds.createMediaStreamSource(stream).connect(ear);
      ears.set(stream, { ear, since: sounds.currentTime });
    }
    const { ear, since } = ears.get(stream);
    if (sounds.currentTime - since < LISTENED_S) return null;
    const levels = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(levels);
    const bin = Math.round((hertz * ear.fftSize) / sounds.sampleRate);
    return Math.max(...levels.slice(bin - 2, bin + 3)) > LOUD_DB;
  };
})();
