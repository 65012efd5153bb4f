// The configurations of TypeScript in which the declarations must compile, without skipLibCheck.

const MODULES = {
  nodenext: { module: 'nodenext' },
  node16: { module: 'node16' },
  bundler: { module: 'preserve', moduleResolution: 'bundler' },
  // Its default resolution: node10 in TypeScript 5, bundler in 7.
  commonjs: { module: 'commonjs' },
};
const TARGETS = ['es2022', 'es2024', 'esnext'];
const TYPES = [[], ['node']];

/** Each has a title, the name of its modules, and the options as in tsconfig.json. */
export const CONFIGURATIONS = Object.entries(MODULES).flatMap(([name, module]) =>
  TARGETS.flatMap((target) =>
    TYPES.map((types) => ({
      title: `${name} ${target} types [${types}]`,
      module: name,
      types,
      options: { ...module, target, types, strict: true, noEmit: true, skipLibCheck: false },
    })),
  ),
);
