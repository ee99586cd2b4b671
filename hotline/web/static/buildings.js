// @ts-check
// Buildings as people write them: "3, 5-8".

/**
 * The buildings of a text, at most `most` and one more; null for what makes no sense.
 * @param {string} text
 * @param {number} most
 * @returns {number[] | null}
 */
export function buildingsOf(text, most) {
  const found = new Set();
  for (const part of text.split(/[,，、\s]+/).filter(Boolean)) {
    const ends = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part);
    if (!ends) return null;
    const last = Number(ends[2] ?? ends[1]);
    for (let building = Number(ends[1]); building <= last && found.size <= most; building++) found.add(building);
  }
  return [...found];
}
