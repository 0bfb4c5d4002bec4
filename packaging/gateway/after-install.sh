#!/bin/sh
# The gateway's user, and systemd's knowledge of its unit. Nothing is enabled and nothing started.
set -e
if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers vaultwatch-gateway.conf || true
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
fi
