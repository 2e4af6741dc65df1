export interface Instruction {
  readonly name: string;
  readonly words: readonly string[];
}

export type Stage = readonly Instruction[];

/** Instructions of each stage, without comments. A line that goes on in the next is more than our Dockerfiles need. */
export function stagesOf(dockerfile: string): readonly Stage[] {
  return dockerfile
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .reduce<Instruction[][]>((found, line) => {
      const [name = '', ...words] = line.split(/\s+/);
      if (name === 'FROM') found.push([]);
      found.at(-1)?.push({ name, words });
      return found;
    }, []);
}

/** The words of each instruction of that name. */
export function wordsOf(stage: Stage, name: string): readonly (readonly string[])[] {
  return stage.filter((instruction) => instruction.name === name).map(({ words }) => words);
}
