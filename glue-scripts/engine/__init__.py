"""The engine: does the tasks of one stage of a plan, in one process and one Spark session."""
