using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NetworkProtocol.Cli.Admin;

/// <summary>Prints answers: tables when a person is watching, else lines with a tab between the cells, or JSON as it came.</summary>
/// <param name="json">Whether JSON is wanted.</param>
internal sealed class Printer(bool json)
{
    private const string Nothing = "(none)";

    /// <summary>Whether a person is watching, who wants tables and what moves.</summary>
    public bool IsWatched { get; } = !json && !Console.IsOutputRedirected;

    public bool IsJson => json;

    public void Print(Answer answer, View view)
    {
        if (json)
        {
            PrintJson(answer);
        }
        else if (IsWatched)
        {
            AnsiConsole.Write(Render(answer, view));
        }
        else
        {
            PrintPlain(view.Show(answer.Root));
            if (Rest(answer.Root) is { } rest)
            {
                Console.Error.WriteLine($"netproto: {rest}");
            }
        }
    }

    /// <summary>Prints what was done.</summary>
    public void PrintOutcome(Answer answer) => Print(answer, answer.Root.GetProperty("text").GetString()!);

    /// <summary>Prints a text, or the JSON that says the same.</summary>
    public void Print(Answer answer, string text)
    {
        if (json)
        {
            PrintJson(answer);
        }
        else
        {
            Console.WriteLine(Printable.Of(text));
        }
    }

    /// <summary>The answer as it is drawn for a person.</summary>
    public static IRenderable Render(Answer answer, View view)
    {
        var parts = view.Show(answer.Root).Select(Render);
        return new Rows(Rest(answer.Root) is { } rest ? parts.Append(new Text(rest)) : parts);
    }

    // A program reads what came; a terminal must not obey it.
    private static void PrintJson(Answer answer) => Console.WriteLine(Console.IsOutputRedirected ? answer.Line : Printable.Json(answer.Line));

    private static void PrintPlain(IReadOnlyList<Grid> grids)
    {
        foreach (var (index, grid) in grids.Index())
        {
            if (index > 0)
            {
                Console.WriteLine();
            }

            foreach (var line in grid.IsList ? grid.Lines(people: false).Prepend(grid.Header(people: false)) : grid.Lines(people: false))
            {
                Console.WriteLine(string.Join('\t', line));
            }
        }
    }

    private static IRenderable Render(Grid grid)
    {
        if (grid.IsEmpty)
        {
            return new Text(Nothing);
        }

        var table = new Table { Border = TableBorder.Simple, ShowHeaders = grid.IsList };
        var header = grid.Header(people: true);
        foreach (var name in header)
        {
            var column = new TableColumn(new Text(name, new Style(decoration: Decoration.Bold)));
            table.AddColumn(grid.IsNumeric(name) ? column.RightAligned().NoWrap() : column);
        }

        foreach (var line in grid.Lines(people: true))
        {
            table.AddRow(line.Select(cell => new Text(cell))); // Text and not Markup: what came from the server must not style anything
        }

        return table;
    }

    /// <summary>What to say of a page that is not all.</summary>
    private static string? Rest(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("total", out var total) || !root.TryGetProperty("items", out var items))
        {
            return null;
        }

        var (page, size) = (root.GetProperty("page").GetInt32(), root.GetProperty("size").GetInt32());
        var first = ((long)(page - 1) * size) + 1;
        var last = first + items.GetArrayLength() - 1;
        return last >= total.GetInt32() ? null
            : string.Create(CultureInfo.InvariantCulture, $"rows {first} to {last} of {total.GetInt32()}; --page {page + 1} has more");
    }
}
