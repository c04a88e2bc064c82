using System.Globalization;

namespace NetworkProtocol.Server.Limits;

/// <summary>How many files, sockets and the like the process may have open at once.</summary>
internal static class DescriptorLimit
{
    private const string Source = "/proc/self/limits";
    private const string Line = "Max open files";

    /// <summary>
    /// The limit that is in force, or null if it is not known or there is none. The runtime has raised it to the hard limit.
    /// </summary>
    public static int? Read()
    {
        if (!File.Exists(Source))
        {
            return null;
        }

        var line = File.ReadLines(Source).FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal));
        var words = line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [var soft, ..] && int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }
}
