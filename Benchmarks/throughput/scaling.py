"""More collectors in the group, and more partitions: what an event costs then."""

from bounds import median
from platform_tools.layout import ROOT

PARTITIONS = (14, 56, 224)
COLLECTORS = (1, 2, 4)


def topics_file(folder, factor):
    """kafka/topics.yaml with so many times the partitions."""
    lines = (ROOT / "kafka" / "topics.yaml").read_text(encoding="utf-8").splitlines()
    scaled = []
    for line in lines:
        name, colon, value = line.partition(": ")
        scaled.append(f"{name}: {int(value) * factor}" if name.strip() == "partitions" and colon else line)
    file = folder / f"topics-{factor}.yaml"
    file.write_text("\n".join(scaled) + "\n", encoding="utf-8")
    return file


def print_scaling(title, measured):
    print(f"\n{title:36}{'collector':>12}{'ClickHouse':>12}{'together':>12}{'events/s':>14}{'inserts':>10}{'rows each':>11}")
    for name, results, events in measured:
        cells = "".join(f"{median(results, key):12.2f}" for key in ("own", "server", "together"))
        ranges = median(results, "ranges")
        print(f"{name:36}{cells}{median(results, 'rate'):14,.0f}{ranges:10,.0f}{events / ranges:11,.0f}")
