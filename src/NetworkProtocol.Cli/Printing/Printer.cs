using NetworkProtocol.Admin;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NetworkProtocol.Cli.Printing;

/// <summary>Prints tables for people at a terminal, lines with tabs between the cells for scripts, or JSON.</summary>
/// <param name="json">Whether JSON is wanted.</param>
internal sealed class Printer(bool json)
{
    private const string Nothing = "(none)";

    /// <summary>Whether a person is at the terminal: tables and progress bars are for people.</summary>
    public bool IsWatched { get; } = !json && !Console.IsOutputRedirected;

    /// <summary>Prints an object of the API.</summary>
    public void Print(Printout printout)
    {
        if (json)
        {
            Console.WriteLine(printout.Json);
        }
        else if (IsWatched)
        {
            AnsiConsole.Write(Render(printout));
        }
        else
        {
            PrintPlain(printout.ForScripts);
            if (printout.Rest is { } rest)
            {
                Console.Error.WriteLine($"netproto: {rest}");
            }
        }
    }

    /// <summary>Prints a text, or the JSON of the object that says the same.</summary>
    public void Print<T>(T value, string text) => Console.WriteLine(json ? Printout.JsonOf(value) : Printable.Of(text));

    /// <summary>Prints what was done.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="unlessJson">Whether it is not printed as JSON, because other JSON follows.</param>
    /// <exception cref="NodeException">It was not done.</exception>
    public void PrintOutcome(Outcome outcome, bool unlessJson = false)
    {
        if (!outcome.IsDone)
        {
            throw new NodeException(outcome.Kind, outcome.Text);
        }

        if (!(json && unlessJson))
        {
            Print(new Done(outcome.Text, outcome.Count, outcome.Secret), outcome.Text);
        }
    }

    /// <summary>What a person sees.</summary>
    public static IRenderable Render(Printout printout)
    {
        var parts = printout.ForPeople.Select(Render);
        return new Rows(printout.Rest is { } rest ? parts.Append(new Text(rest)) : parts);
    }

    private static void PrintPlain(IReadOnlyList<Grid> grids)
    {
        foreach (var (index, grid) in grids.Index())
        {
            if (index > 0)
            {
                Console.WriteLine();
            }

            foreach (var line in grid.IsList ? grid.Lines(people: false).Prepend([.. grid.Header]) : grid.Lines(people: false))
            {
                Console.WriteLine(string.Join('\t', line));
            }
        }
    }

    private static IRenderable Render(Grid grid)
    {
        if (grid.Rows.Count == 0)
        {
            return new Text(Nothing);
        }

        var table = new Table { Border = TableBorder.Simple, ShowHeaders = grid.IsList };
        foreach (var (index, name) in grid.Header.Index())
        {
            var column = new TableColumn(new Text(name, new Style(decoration: Decoration.Bold)));
            table.AddColumn(grid.IsNumeric(index) ? column.RightAligned().NoWrap() : column);
        }

        foreach (var line in grid.Lines(people: true))
        {
            table.AddRow(line.Select(cell => new Text(cell))); // Text and not Markup: text of the server must not style anything
        }

        return table;
    }
}
