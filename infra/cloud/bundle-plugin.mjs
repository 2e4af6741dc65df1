import { bundleFunction } from './bundle.ts';

/** Serverless plugin: bundles each function before packaging and hands the artifact over. */
export default class BundlePlugin {
  /** @param {any} serverless @param {any} _options @param {{ log: any }} logging */
  constructor(serverless, _options, { log }) {
    const bundle = async () => {
      for (const name of serverless.service.getAllFunctions()) {
        const { path, scriptBytes } = await bundleFunction(serverless.serviceDir, name);
        const definition = serverless.service.getFunction(name);
        definition.package = { ...definition.package, artifact: path };
        log.notice(`${name}: ${Math.round(scriptBytes / 1024)} KiB`);
      }
    };
    this.hooks = { 'before:package:createDeploymentArtifacts': bundle };
  }
}
