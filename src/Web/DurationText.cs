namespace NetworkProtocol.Web;

/// <summary>Writes durations in words.</summary>
internal static class DurationText
{
    /// <summary>The duration in words, as <c>90 days</c> or <c>1 hour 30 minutes</c>.</summary>
    public static string Of(TimeSpan time)
    {
        (int Count, string Unit)[] parts = [(time.Days, "day"), (time.Hours, "hour"), (time.Minutes, "minute"), (time.Seconds, "second")];
        return string.Join(' ', parts
            .Where(part => part.Count > 0)
            .Select(part => $"{part.Count} {part.Unit}{(part.Count == 1 ? "" : "s")}")
            .DefaultIfEmpty("less than a second"));
    }
}
