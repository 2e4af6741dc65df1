import { bundleFunctions, placeholder } from './bundle.ts';

/** Serverless plugin: bundles each function before packaging and hands the artifact over. */
export default class BundlePlugin {
  /** @param {any} serverless @param {any} _options @param {{ log: any }} logging */
  constructor(serverless, _options, { log }) {
    const bundle = async () => {
      // Whoever wants to see the template alone does not wait for the code.
      const templateOnly = process.env.KUBERNAUT_PACKAGE === 'template';
      const names = serverless.service.getAllFunctions();
      const bundles = templateOnly ? [] : await bundleFunctions(serverless.serviceDir, names);
      for (const name of names) {
        const { path, scriptBytes } = bundles.find((bundle) => bundle.name === name) ?? (await placeholder(serverless.serviceDir));
        const definition = serverless.service.getFunction(name);
        definition.package = { ...definition.package, artifact: path };
        if (!templateOnly) log.notice(`${name}: ${Math.round(scriptBytes / 1024)} KiB`);
      }
    };
    this.hooks = { 'before:package:createDeploymentArtifacts': bundle };
  }
}
