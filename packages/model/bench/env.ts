/** The Python that may have torch: MONOSEMA_PYTHON, or python3. */
export const python = (): string => process.env['MONOSEMA_PYTHON'] ?? 'python3';
