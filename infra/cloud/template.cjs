// The deployer reads no ES module by `${file(…)}`: this hands it the parts of template.ts.
const part =
  (name) =>
  async ({ resolveVariable, resolveConfigurationProperty }) => {
    const { templatePart } = await import('./template.ts');
    const [service, stage] = await Promise.all([resolveVariable('self:service'), resolveVariable('sls:stage')]);
    return templatePart(name, service, stage, await resolveConfigurationProperty(['custom', 'parameters']));
  };

module.exports = { settings: part('settings'), environment: part('environment'), stack: part('stack') };
