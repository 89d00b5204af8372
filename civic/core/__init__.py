"""What every feature stands on and no feature owns: clock, days, codes, types, transitions."""
