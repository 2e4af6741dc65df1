import { bundleFunctions, placeholder } from './bundle.ts';
import { importTime } from './import-time.ts';

/** @param {{ name: string, script: string }} bundle */
async function importSentence({ name, script }) {
  const { milliseconds, aboveEmpty, aim } = await importTime(name, script);
  const past = aboveEmpty > aim ? ': past it, unless the machine is busy' : '';
  return `imported in ${Math.round(milliseconds)} ms, ${Math.round(aboveEmpty)} above an empty handler (aim: at most ${aim}${past})`;
}

/** Serverless plugin: bundles each function before packaging and hands the artifact over. */
export default class BundlePlugin {
  /** @param {any} serverless @param {any} _options @param {{ log: any }} logging */
  constructor(serverless, _options, { log }) {
    const bundleAll = async () => {
      // Whoever wants to see the template alone does not wait for the code.
      const templateOnly = process.env.KUBERNAUT_PACKAGE === 'template';
      const names = serverless.service.getAllFunctions();
      const bundles = templateOnly ? [] : await bundleFunctions(serverless.serviceDir, names);
      for (const name of names) {
        const made = bundles.find((bundle) => bundle.name === name);
        const { path } = made ?? (await placeholder(serverless.serviceDir));
        const definition = serverless.service.getFunction(name);
        definition.package = { ...definition.package, artifact: path };
        if (made !== undefined) log.notice(`${name}: ${Math.round(made.scriptBytes / 1024)} KiB, ${await importSentence(made)}`);
      }
    };
    this.hooks = { 'before:package:createDeploymentArtifacts': bundleAll };
  }
}
