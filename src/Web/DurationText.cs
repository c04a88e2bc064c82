namespace NetworkProtocol.Web;

/// <summary>Durations in words.</summary>
internal static class DurationText
{
    /// <summary>As <c>90 days</c> or <c>1 hour 30 minutes</c>.</summary>
    public static string Of(TimeSpan time) => string.Join(' ', new[]
    {
        (time.Days, "day"), (time.Hours, "hour"), (time.Minutes, "minute"), (time.Seconds, "second"),
    }.Where(part => part.Item1 > 0).Select(part => $"{part.Item1} {part.Item2}{(part.Item1 == 1 ? "" : "s")}").DefaultIfEmpty("less than a second"));
}
