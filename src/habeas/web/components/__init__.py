"""The design system: one stylesheet's worth of components, as Django template tags. Start at README.md beside this."""
