using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace NetworkProtocol.Hub.Storage;

/// <summary>
/// The place in a list behind which the next part begins, as the opaque text of <see cref="HubQuery.After"/>: the kind of the list and the
/// key of a row. No part of a key has a line break.
/// </summary>
internal static class Place
{
    public static string Of(string kind, params object[] key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        string.Join('\n', [kind, .. key.Select(part => Convert.ToString(part, CultureInfo.InvariantCulture))])));

    /// <returns>Null for the beginning of the list.</returns>
    /// <exception cref="HubPlaceException">The text is no place of this list.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is not allowed.</exception>
    public static string[]? TextsOf(string kind, HubQuery query, int parts)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Size is < 1 or > HubQuery.MaxSize)
        {
            throw new ArgumentOutOfRangeException(nameof(query), $"The size is {query.Size}; it must be 1 to {HubQuery.MaxSize}.");
        }

        if (query.After is null)
        {
            return null;
        }

        try
        {
            var found = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(query.After)).Split('\n');
            return found.Length == parts + 1 && found[0] == kind ? found[1..] : throw Wrong();
        }
        catch (FormatException)
        {
            throw Wrong();
        }
    }

    /// <inheritdoc cref="TextsOf"/>
    public static long[]? NumbersOf(string kind, HubQuery query, int parts) =>
        TextsOf(kind, query, parts) is { } texts ? Array.ConvertAll(texts, Number) : null;

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong();

    public static HubPlaceException Wrong() =>
        new("The place in the list is wrong: it must be the next place that an earlier part of the same list has named.");
}
