/** How far ahead two lists are searched for the place where they meet again. */
const AHEAD = 32;

/** What one of two lists has alone. They are walked side by side, as most is the same, and in the same order. */
export function unshared(a: readonly string[], b: readonly string[]): ReadonlySet<string> {
  const alone = new Set<string>();
  const isAhead = (name: string | undefined, list: readonly string[], at: number) =>
    name !== undefined && list.slice(at, at + AHEAD).includes(name);
  // What was alone until now may be elsewhere in the other list.
  const meet = (name: string | undefined) => {
    if (name !== undefined && !alone.delete(name)) alone.add(name);
  };
  for (let atA = 0, atB = 0; atA < a.length || atB < b.length; ) {
    const [nameA, nameB] = [a[atA], b[atB]];
    const isSame = nameA === nameB;
    const isOnlyA = !isSame && isAhead(nameB, a, atA);
    const isOnlyB = !isSame && !isOnlyA && isAhead(nameA, b, atB);
    if (!isSame && !isOnlyB) meet(nameA);
    if (!isSame && !isOnlyA) meet(nameB);
    if (!isOnlyB) atA += 1;
    if (!isOnlyA) atB += 1;
  }
  return alone;
}
