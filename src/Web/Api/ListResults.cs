using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>Answers with a list: as a page in JSON, or as a file with the whole list in JSON or CSV.</summary>
internal static class ListResults
{
    public const string Csv = "csv";
    private const string JsonFile = "json";

    /// <summary>The page size for a file, which contains the whole list.</summary>
    private const int WholeList = 1_000_000;

    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r\n");

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The format of a file's rows that take one line each.</summary>
    public static JsonSerializerOptions Compact { get; } = new(Json) { WriteIndented = false };

    /// <exception cref="NodeException">The filter or the page is wrong.</exception>
    public static async Task<IResult> PagedAsync<T>(string name, PagingQuery query, string? format, Func<Paging, Task<PageOf<T>>> read)
    {
        var paging = query.ToPaging();
        return format is null
            ? Results.Ok(await read(paging))
            : Whole(name, (await read(paging with { Page = 1, Size = WholeList })).Items, format);
    }

    public static IResult Whole<T>(string name, IReadOnlyList<T> rows, string? format) => format switch
    {
        null => Results.Ok(rows),
        JsonFile => Results.File(JsonSerializer.SerializeToUtf8Bytes(rows, Json), "application/json", $"{name}.json"),
        Csv => Results.File(ToCsv(rows), "text/csv", $"{name}.csv"),
        _ => ProblemOf(format)!,
    };

    /// <summary>The answer to a format that does not exist; null for one that does.</summary>
    public static IResult? ProblemOf(string format) => format is JsonFile or Csv
        ? null
        : OutcomeResults.ToResult(Outcome.Invalid(
            $"format = {PlainText.Of(format)}: must be json or csv; leave it out for one page of JSON."));

    /// <summary>The rows as CSV, with the header unless they continue others.</summary>
    public static byte[] ToCsv<T>(IReadOnlyList<T> rows, bool withHeader = true)
    {
        using var buffer = new MemoryStream();
        using (var writer = new StreamWriter(buffer, new UTF8Encoding(false)))
        using (var csv = new CsvWriter(writer, new CsvConfiguration(CultureInfo.InvariantCulture)))
        {
            var properties = typeof(T).GetProperties();
            if (withHeader)
            {
                foreach (var property in properties)
                {
                    csv.WriteField(JsonNamingPolicy.CamelCase.ConvertName(property.Name));
                }

                csv.NextRecord();
            }

            foreach (var row in rows)
            {
                foreach (var property in properties)
                {
                    csv.WriteField(Text(property.GetValue(row)));
                }

                csv.NextRecord();
            }
        }

        return buffer.ToArray();
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => WithoutFormula(text),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        System.Collections.IEnumerable => JsonSerializer.Serialize(value, Compact),
        _ => value.ToString(),
    };

    // A spreadsheet must not run a client's text as a formula. CsvHelper's own escape is not used: it would also escape negative numbers.
    private static string WithoutFormula(string text) => text.Length > 0 && FormulaStarts.Contains(text[0]) ? $"'{text}" : text;
}
