/** The walls of ARCHITECTURE.md as a whitelist: an import that no line allows is an error. */
const ring = (from, ...to) => ({ from: { path: `^${from}/` }, to: { path: to.map((t) => `^${t}/`) } });

module.exports = {
  allowedSeverity: "error",
  allowed: [
    ring("src/core", "src/core"),
    ring("src/contract", "src/(contract|core)"),
    ring("src/platform", "src/(platform|core)"),
    ring("src/adapters", "src/(adapters|platform|core)"),
    ring("src/sandbox", "src/(sandbox|adapters|platform|core)"),
    ring("src/mta", "src/(mta|platform|contract|core)"),
    ring("src/features", "src/(platform|contract|core)"),
    { from: { path: "^src/features/([^/]+)/" }, to: { path: "^src/features/($1/|[^/]+/index\\.ts$)" } },
    { from: { path: "^src/mta/" }, to: { path: "^src/features/[^/]+/index\\.ts$" } },
    ring("web", "web", "src/contract"),
    { from: { path: "^(src/(main|roles)|cli|bench|scripts|test)" }, to: {} },
    { from: { path: "\\.test\\.ts$" }, to: {} },
    // core is pure: liquidjs is the one library it may see (ADR 0002)
    { from: { path: "^src/core/template/" }, to: { path: "node_modules/liquidjs" } },
    { from: { pathNot: "^src/(core|contract)/" }, to: { dependencyTypes: ["npm", "npm-dev", "npm-optional"] } },
    { from: { path: "^src/contract/" }, to: { path: "node_modules/zod" } },
    { from: { pathNot: "^(src/(core|contract)|web)/" }, to: { dependencyTypes: ["core"] } },
  ],
  forbidden: [{ name: "no-cycles", severity: "error", from: {}, to: { circular: true } }],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "web/dist" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
    tsConfig: { fileName: "tsconfig.json" },
  },
};
