using System.Text.Json;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Cli.Printing;

/// <summary>An object of the API in each way that a command can print it.</summary>
/// <param name="Json">Its JSON on one line.</param>
/// <param name="ForScripts">As lists whose cells are separated by tabs.</param>
/// <param name="ForPeople">As tables.</param>
/// <param name="Rest">What to say of a page that is not the whole list, or null.</param>
internal sealed record Printout(string Json, IReadOnlyList<Grid> ForScripts, IReadOnlyList<Grid> ForPeople, string? Rest = null)
{
    /// <summary>The JSON of an object of the API. It is ASCII: what a terminal could take for a command is escaped.</summary>
    public static string JsonOf<T>(T value) => JsonSerializer.Serialize(value, AdminJson.Options);
}
