#!/usr/bin/env bash
# Serves the web on all interfaces of the container.
set -euo pipefail
cd "$(dirname "$0")/.."
exec env NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 node node_modules/next/dist/bin/next start apps/web --hostname "${HOST:-0.0.0.0}" --port "${PORT:-3000}"
