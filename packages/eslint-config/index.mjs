import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** The web talks to the catalog through the api; it never sees the database, an array or a model. */
const webMayNotImport = {
  group: ['@monosema/db', '@monosema/db/*', '@monosema/engine', '@monosema/engine/*', '@monosema/model', '@monosema/sae', '@monosema/sae/*', '@monosema/pipeline', '@monosema/formats', '@monosema/hub', 'drizzle-orm', 'drizzle-orm/*', 'postgres', 'onnxruntime-node'],
  message: 'apps/web reads and writes through @monosema/api.',
};

const rules = {
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/no-non-null-assertion': 'off',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  eqeqeq: ['error', 'always', { null: 'ignore' }],
};

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/.next/**', '**/dist/**', '**/.monosema/**', '**/next-env.d.ts', '**/test-results/**', '**/playwright-report/**', 'db/migrations/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true } },
    rules,
  },
  { files: ['apps/web/**/*.{ts,tsx}', 'packages/ui/**/*.{ts,tsx}'], plugins: { 'react-hooks': reactHooks }, rules: { ...reactHooks.configs.recommended.rules, 'no-restricted-imports': ['error', { patterns: [webMayNotImport] }] } },
);
