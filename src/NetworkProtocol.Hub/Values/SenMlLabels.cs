namespace NetworkProtocol.Hub.Values;

/// <summary>What the two readers of SenML say about labels.</summary>
internal static class SenMlLabels
{
    private const int LongestShown = 16;

    public static PayloadException Broken(string label) =>
        new($"A SenML record has a wrong {label}: it has another type, or is not finite.");

    /// <summary>A label with _ at its end must be understood (RFC 8428, section 4.4), and this hub understands none of them.</summary>
    /// <exception cref="PayloadException">The label must be understood.</exception>
    public static void CheckOptional(string label)
    {
        if (label.EndsWith('_'))
        {
            var shown = label.Length <= LongestShown && !label.Any(char.IsControl) ? label : "a long name with _ at its end";
            throw new PayloadException($"A SenML record has the label {shown}, which a receiver must understand; this hub does not.");
        }
    }

    /// <summary>Whether the label has data that is no number of a series: a text, bytes, a sum.</summary>
    public static bool IsOther(string label) => label is "vs" or "vd" or "s" or "bs";
}
