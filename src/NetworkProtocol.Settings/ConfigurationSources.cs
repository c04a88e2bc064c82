using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace NetworkProtocol.Settings;

/// <summary>
/// Reads details from the sources of a configuration that the configuration itself does not show: null, and the difference between [] and
/// "".
/// </summary>
internal sealed class ConfigurationSources(IEnumerable<IConfigurationProvider> providers)
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly IConfigurationProvider[] _providers = [.. providers];

    /// <summary>Whether a source sets the key to null, or to an empty section.</summary>
    public bool HasNull(string key) => _providers.Any(provider => provider.TryGet(key, out var value) && value is null);

    /// <summary>Whether each source that sets the key to an empty text is a file in which the key is an empty list.</summary>
    public bool IsEmptyList(string key) => _providers.Where(provider => provider.TryGet(key, out var value) && value?.Length == 0)
        .All(provider => provider is JsonConfigurationProvider file && HasEmptyList(file.Source, key));

    private static bool HasEmptyList(FileConfigurationSource source, string key)
    {
        using var stream = source.FileProvider!.GetFileInfo(source.Path!).CreateReadStream();
        using var document = JsonDocument.Parse(stream, Lenient);
        return Find(document.RootElement, key).Any(value => value.ValueKind == JsonValueKind.Array);
    }

    // A key may be nested or a single name with colons, and two names that differ only in case are one section.
    private static IEnumerable<JsonElement> Find(JsonElement element, string key) =>
        element.ValueKind != JsonValueKind.Object ? [] : element.EnumerateObject().SelectMany(property =>
            key.Equals(property.Name, StringComparison.OrdinalIgnoreCase) ? [property.Value]
            : key.StartsWith(property.Name + ":", StringComparison.OrdinalIgnoreCase)
                ? Find(property.Value, key[(property.Name.Length + 1)..])
            : Enumerable.Empty<JsonElement>());
}
