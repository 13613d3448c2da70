import { api } from '../../../server/api.ts';

export const dynamic = 'force-dynamic';

/** 200 when this process answers and reaches its database, else 503; for whoever starts or watches the web. */
export async function GET(): Promise<Response> {
  try {
    await api().ping();
    return Response.json({ status: 'ok' });
  } catch (error) {
    console.error('health:', error);
    return Response.json({ status: 'database unreachable' }, { status: 503 });
  }
}
