#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node must get as far as the sentences below, and not stumble over TypeScript.
const majorMin = 24;
const found = process.versions.node;

function refuse(sentence) {
  console.error(`error: ${sentence}`);
  process.exitCode = 1;
}

if (Number(found.split('.')[0]) < majorMin) {
  refuse(
    `kubernaut needs Node ${majorMin} or later, and this is Node ${found}: npm ci puts one into node_modules/.bin, where npm start, npm run demo and npx kubernaut find it by themselves`,
  );
} else {
  import('./program.ts')
    .then(({ main }) => main(process.argv))
    .catch((error) => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      refuse(`the packages that kubernaut needs are not installed (${error.message.split('\n')[0]}): run npm ci`);
    });
}
