#!/usr/bin/env bash
# Builds the web.
set -euo pipefail
cd "$(dirname "$0")/.."
NEXT_TELEMETRY_DISABLED=1 npm run --silent build:web
