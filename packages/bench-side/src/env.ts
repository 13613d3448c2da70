/** The Python that may have torch and what else a benchmark compares with: MONOSEMA_PYTHON, or python3. */
export const python = (): string => process.env['MONOSEMA_PYTHON'] ?? 'python3';
