"""SQL that Sail and Spark understand differently: what is rewritten for Sail, and what `check` refuses."""
