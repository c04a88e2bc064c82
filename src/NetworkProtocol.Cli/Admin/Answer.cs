using System.Text.Json;

namespace NetworkProtocol.Cli.Admin;

/// <summary>What the server answered.</summary>
/// <param name="Line">As it came, on one line.</param>
/// <param name="Root">The same, read.</param>
internal sealed record Answer(string Line, JsonElement Root)
{
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static Answer Parse(string json)
    {
        using var document = JsonDocument.Parse(json);

        // A line ends between values alone: inside a string it would be escaped.
        return new Answer(json.Replace('\r', ' ').Replace('\n', ' '), document.RootElement.Clone());
    }
}
