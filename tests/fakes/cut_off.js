// What is cut off, leaves the window or its part, or scrolls sideways on an agent's page; [] is a whole page.
() => {
  const wrong = [], [w, h] = [innerWidth, innerHeight], root = document.documentElement;
  if (root.scrollWidth > w) wrong.push(`the page is ${root.scrollWidth} wide of ${w}`);
  if (root.scrollHeight > h) wrong.push(`the page is ${root.scrollHeight} high of ${h}`);
  const name = (one) => `${one.tagName}.${one.className} "${one.textContent.trim().slice(0, 20)}"`;
  for (const one of document.querySelectorAll(".top *, .bar *, .seat > .panel, .seat h2, .kinds *, .checks *, .timers *, #idle *")) {
    const box = one.getBoundingClientRect();
    if (!box.width || !box.height || one.closest(".unseen, .skip, .reasons")) continue;
    if (box.left < -1 || box.right > w + 1 || box.top < -1 || box.bottom > h + 1) wrong.push(`${name(one)} leaves the window`);
    const panel = one.closest(".panel")?.getBoundingClientRect();
    if (panel && (box.left < panel.left - 1 || box.right > panel.right + 1)) wrong.push(`${name(one)} leaves its part`);
  }
  for (const one of document.querySelectorAll(".seat > .panel, .fills, .pop, .wrap-up, .guide, .phrases, .bar")) {
    if (one.scrollWidth > one.clientWidth + 1) wrong.push(`${name(one)} scrolls sideways: ${one.scrollWidth} of ${one.clientWidth}`);
  }
  for (const one of document.querySelectorAll(".pop, .wrap-up, .phrases, #words")) {
    if (one.getClientRects().length && !one.hidden && one.clientHeight < 50) wrong.push(`${name(one)} is ${one.clientHeight} high`);
  }
  return wrong;
}
