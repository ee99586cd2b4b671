// @ts-check
// Buildings as people write them: "3, 5-8".

/**
 * The buildings of a text, at most `most` and one more; null for what makes no sense, as "8-5". No text names none.
 * @param {string} text
 * @param {number} most
 * @returns {number[] | null}
 */
export function buildingsOf(text, most) {
  const found = new Set();
  const parts = text.split(/[,，、\s]+/).filter(Boolean);
  if (text.trim() && !parts.length) return null;
  for (const part of parts) {
    const ends = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part);
    if (!ends) return null;
    const [first, last] = [Number(ends[1]), Number(ends[2] ?? ends[1])];
    if (last < first) return null;
    for (let building = first; building <= last && found.size <= most; building++) found.add(building);
  }
  return [...found];
}
