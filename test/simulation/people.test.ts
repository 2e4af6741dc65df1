import { readStory } from '../../infra/local/story/story.ts';
import { cancels, cancelsAtTheBrink, deletesTheJob, deletesThePod, pausesForAWhile, withRivals } from './people.ts';
import { playSeeds, seedsOf } from './seeds.ts';
import { root } from './course.ts';
import type { Forecast } from './weather.ts';

const main = readStory(root, 'payment-api-memory');
const failing = readStory(root, 'failing-second-step');

/** Creates that are served long after whoever sent them gave up. */
function lateCreates(paths: RegExp): Forecast {
  return {
    severity: 0.05,
    requestSeverity: 0.6,
    stormSeconds: 300,
    faults: ['late', 'late', 'lost answer'],
    befalls: ({ method, path }) => method === 'POST' && paths.test(path),
  };
}

/**
 * Without creates that are served late: a Job that somebody deletes frees its name, and a second create of it that is still under way would take that.
 * The API server ends such a request within a minute, and nothing of ours could.
 */
const nothingLate: Forecast = { faults: ['error', 'throttled', 'unreachable', 'lost answer', 'twice', 'slow answer'] };

playSeeds({
  'a person cancels': { story: main, seeds: seedsOf(1, 3), meddle: cancels },
  'a person cancels what fails': { story: failing, seeds: seedsOf(1, 3), meddle: cancels },
  'a person pauses for a while': { story: main, seeds: seedsOf(1, 2), meddle: pausesForAWhile },
  'somebody deletes the Job': { story: failing, seeds: seedsOf(1, 4), forecast: nothingLate, meddle: deletesTheJob },
  'somebody deletes the pod': { story: failing, seeds: seedsOf(1, 3), meddle: deletesThePod },
  'three alerts about one target': { story: withRivals(main, 2), seeds: seedsOf(1, 4) },
  'two alerts about three targets': { story: withRivals(failing, 1), seeds: seedsOf(1, 3) },
  'a Job that is created late, and a cancel': { story: main, seeds: seedsOf(1, 8), forecast: lateCreates(/\/jobs$/), meddle: cancelsAtTheBrink },
  'children and locks that are created late, and a cancel': {
    story: main,
    seeds: seedsOf(1, 6),
    forecast: lateCreates(/\/(kubernetesexecutions|workflowexecutions|leases)$/),
    meddle: cancelsAtTheBrink,
  },
});
