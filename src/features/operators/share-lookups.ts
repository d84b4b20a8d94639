/**
 * Many requests under one token that come together share one look into the database. Each gets an answer of a look that began after it
 * came, so what was taken away a moment before is gone for all of them.
 */
type Round<T> = { readonly answer: Promise<T>; next: Promise<T> | null };

/** One look for each key is under way at a time; who comes meanwhile shares the next one. */
export function shareLookups<T>(): (key: string, look: () => Promise<T>) => Promise<T> {
  const rounds = new Map<string, Round<T>>();

  const begin = (key: string, look: () => Promise<T>): Promise<T> => {
    const answer = look();
    const round: Round<T> = { answer, next: null };
    rounds.set(key, round);
    const end = () => {
      if (round.next === null && rounds.get(key) === round) rounds.delete(key);
    };
    answer.then(end, end);
    return answer;
  };

  return (key, look) => {
    const round = rounds.get(key);
    if (round === undefined) return begin(key, look);
    round.next ??= round.answer.then(
      () => begin(key, look),
      () => begin(key, look),
    );
    return round.next;
  };
}
