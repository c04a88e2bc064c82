using System.Text.Json;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>
/// Answers with a list of a hub: as a part in JSON, or as a file with the whole list in JSON or CSV. A file is sent while it is read, part
/// by part, because the whole list can be larger than the memory.
/// </summary>
internal static class SliceResults
{
    /// <exception cref="NodeException">The list cannot be read.</exception>
    public static async Task<IResult> AnswerAsync<T>(
        string name, HubPaging paging, string? format, Func<HubPaging, Task<HubSlice<T>>> read, CancellationToken cancellationToken)
    {
        if (format is null)
        {
            return Results.Ok(await read(paging));
        }

        if (ListResults.ProblemOf(format) is { } problem)
        {
            return problem;
        }

        // The first part is read before the answer begins, so that an error of the filter is still answered with its status.
        var whole = new HubPaging(HubPaging.MaxSize);
        var first = await read(whole);
        var rest = (string after) => read(whole with { After = after });
        return format == ListResults.Csv
            ? Results.Stream(stream => WriteCsvAsync(stream, first, rest, cancellationToken), "text/csv", $"{name}.csv")
            : Results.Stream(stream => WriteJsonAsync(stream, first, rest, cancellationToken), "application/json", $"{name}.json");
    }

    private static async Task WriteCsvAsync<T>(
        Stream stream, HubSlice<T> first, Func<string, Task<HubSlice<T>>> read, CancellationToken cancellationToken)
    {
        for (var (slice, isFirst) = (first, true); ; (slice, isFirst) = (await read(slice.Next), false))
        {
            await stream.WriteAsync(ListResults.ToCsv(slice.Items, withHeader: isFirst), cancellationToken);
            if (slice.Next is null)
            {
                return;
            }
        }
    }

    private static async Task WriteJsonAsync<T>(
        Stream stream, HubSlice<T> first, Func<string, Task<HubSlice<T>>> read, CancellationToken cancellationToken)
    {
        var separator = "[\n"u8.ToArray();
        for (var slice = first; ; slice = await read(slice.Next))
        {
            using var part = new MemoryStream();
            foreach (var row in slice.Items)
            {
                part.Write(separator);
                JsonSerializer.Serialize(part, row, ListResults.Compact);
                separator = ",\n"u8.ToArray();
            }

            await stream.WriteAsync(part.GetBuffer().AsMemory(0, (int)part.Length), cancellationToken);
            if (slice.Next is null)
            {
                break;
            }
        }

        await stream.WriteAsync(separator[0] == (byte)'[' ? "[]"u8.ToArray() : "\n]"u8.ToArray(), cancellationToken);
    }
}
