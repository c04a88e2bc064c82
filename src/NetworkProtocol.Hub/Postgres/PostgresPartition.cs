using System.Globalization;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>A partition of the readings.</summary>
/// <param name="Name">The name of its table in the schema hub.</param>
/// <param name="From">The first time, in milliseconds since 1970-01-01 UTC.</param>
/// <param name="To">The end, which is excluded.</param>
internal sealed record PostgresPartition(string Name, long From, long To)
{
    public const long Day = 86_400_000;

    /// <summary>Stands for a table that is not partitioned.</summary>
    public static readonly PostgresPartition Everything = new("", long.MinValue, long.MaxValue);

    /// <summary>
    /// Creates the table and then attaches it: writers of other partitions go on meanwhile, which a table that is created as a partition
    /// would not let them.
    /// </summary>
    public string Create => string.Create(
        CultureInfo.InvariantCulture,
        $"CREATE TABLE hub.{Name} (LIKE hub.readings INCLUDING ALL); "
        + $"ALTER TABLE hub.readings ATTACH PARTITION hub.{Name} FOR VALUES FROM ({From}) TO ({To});");

    public static PostgresPartition OfDay(long time)
    {
        var from = StartOfDay(time);
        return new PostgresPartition(NameOf("readings_{0:yyyyMMdd}", from), from, from + Day);
    }

    public static PostgresPartition OfMonth(long time)
    {
        var day = DateTimeOffset.FromUnixTimeMilliseconds(time);
        var first = new DateTimeOffset(day.Year, day.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var days = DateTime.DaysInMonth(day.Year, day.Month);
        var from = first.ToUnixTimeMilliseconds();
        return new PostgresPartition(NameOf("readings_{0:yyyyMM}", from), from, from + (days * Day));
    }

    public static long StartOfDay(long time) => time - (time % Day);

    public bool Covers(long time) => From <= time && time < To;

    public bool Overlaps(PostgresPartition other) => From < other.To && other.From < To;

    private static string NameOf(string format, long from) =>
        string.Format(CultureInfo.InvariantCulture, format, DateTimeOffset.FromUnixTimeMilliseconds(from));
}
