import { bundleFunction, placeholder } from './bundle.ts';

/** Serverless plugin: bundles each function before packaging and hands the artifact over. */
export default class BundlePlugin {
  /** @param {any} serverless @param {any} _options @param {{ log: any }} logging */
  constructor(serverless, _options, { log }) {
    const bundle = async () => {
      // Whoever wants to see the template alone does not wait a minute for the code.
      const templateOnly = process.env.KUBERNAUT_PACKAGE === 'template';
      for (const name of serverless.service.getAllFunctions()) {
        const { path, scriptBytes } = templateOnly ? await placeholder(serverless.serviceDir) : await bundleFunction(serverless.serviceDir, name);
        const definition = serverless.service.getFunction(name);
        definition.package = { ...definition.package, artifact: path };
        if (!templateOnly) log.notice(`${name}: ${Math.round(scriptBytes / 1024)} KiB`);
      }
    };
    this.hooks = { 'before:package:createDeploymentArtifacts': bundle };
  }
}
