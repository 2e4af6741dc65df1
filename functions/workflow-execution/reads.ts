import { canonicalJson } from '../../shared/api/digest.ts';

const readsAtOnceMax = 10; // a hundred steps must not open a hundred connections

/** The answers in the order of the items, a few questions at a time. */
export async function readEach<Item, Answer>(items: readonly Item[], read: (item: Item) => Promise<Answer>): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let start = 0; start < items.length; start += readsAtOnceMax) {
    answers.push(...(await Promise.all(items.slice(start, start + readsAtOnceMax).map(read))));
  }
  return answers;
}

/** Asks every question once, for those who ask the same within one pass. */
export function onceEach<Question, Answer>(ask: (question: Question) => Promise<Answer>): (question: Question) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>();
  return (question) => {
    const key = canonicalJson(question);
    const answer = answers.get(key) ?? ask(question);
    answers.set(key, answer);
    return answer;
  };
}
