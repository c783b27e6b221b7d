"""An audit trail read by rules of its own: written from docs/audit-format.md, sharing no code with pgward."""
