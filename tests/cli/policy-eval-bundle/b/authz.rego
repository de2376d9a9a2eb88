package shop.authz

allow if data.shop.open

revision := data.system.bundles[_].manifest.revision
