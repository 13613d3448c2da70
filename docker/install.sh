#!/usr/bin/env bash
# Installs what the lockfile names.
set -euo pipefail
cd "$(dirname "$0")/.."
ONNXRUNTIME_NODE_INSTALL=skip npm ci --no-audit --no-fund
