"""What a demonstration ends with: rates, latencies and the verdict."""


def print_report(result, verified, audited):
    """Prints the report of one load; `result` is the JSON object `kartoteka load` wrote, None when it wrote none."""
    print("\nReport")
    if result is None:
        print("  the load generator wrote no result")
    else:
        for name, value in flatten(result):
            print(f"  {name:<32} {value}")
    print(f"  {'every event queryable':<32} {'yes' if verified else 'NO'}")
    print(f"  {'audit':<32} {'holds' if audited else 'DOES NOT HOLD'}", flush=True)


def flatten(value, prefix=""):
    """(dotted name, text) for every scalar of nested objects."""
    for name, item in value.items():
        path = f"{prefix}{name}"
        if isinstance(item, dict):
            yield from flatten(item, f"{path}.")
        elif isinstance(item, float):
            yield path, f"{item:,.3f}"
        elif isinstance(item, int) and not isinstance(item, bool):
            yield path, f"{item:,}"
        else:
            yield path, item
