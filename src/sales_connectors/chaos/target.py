"""What the proofs are tried on: a component that brings a sandbox.  Nothing else in the package names one."""

COMPONENT = "zendesk-sell"
