using System.Text.Json;

namespace NetworkProtocol.Cli.Admin;

/// <summary>Something to look at: where the API has it, and how it is shown.</summary>
/// <param name="Path">The path below <c>/api/v1/</c>.</param>
/// <param name="Show">The answer as lines of cells.</param>
internal sealed record View(string Path, Func<JsonElement, IReadOnlyList<Grid>> Show)
{
    /// <summary>All there is of a list.</summary>
    public static View Whole(string path, Columns columns) => new(path, answer => [Grid.Of(answer, columns)]);

    /// <summary>A page of a list.</summary>
    public static View Paged(string path, Columns columns) => new(path, answer => [Grid.Of(answer.GetProperty("items"), columns)]);
}
