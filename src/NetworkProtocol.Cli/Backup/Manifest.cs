using System.Text.Json;
using System.Text.Json.Serialization;

namespace NetworkProtocol.Cli.Backup;

/// <summary>What a backup holds: its last entry, by which all others are judged.</summary>
/// <param name="Format">The version of this list.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Host">Where.</param>
/// <param name="Program">By which version of netproto.</param>
/// <param name="Sources">The first part of each path, and the folder that it stood for.</param>
/// <param name="Files">Each file, by its path in the backup.</param>
/// <param name="Links">Each symbolic link, by its path, and where it leads.</param>
internal sealed record Manifest(
    int Format,
    DateTimeOffset Created,
    string Host,
    string Program,
    SortedDictionary<string, string> Sources,
    SortedDictionary<string, ManifestFile> Files,
    SortedDictionary<string, string> Links)
{
    public const string Name = "manifest.json";
    public const int CurrentFormat = 1;

    /// <summary>More than a million files would need: whoever made the backup must not take all the memory there is.</summary>
    public const int LongestText = 256 * 1024 * 1024;

    // What the types promise, a stranger's JSON need not keep.
    private bool IsWhole => Host is not null && Program is not null && Sources is not null && Files is not null && Links is not null
        && Sources.Values.All(path => path is not null) && Links.Values.All(target => target is not null) && Files.Values.All(file => file?.Sha256 is not null);

    public long Bytes => Files.Values.Sum(file => file.Size);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.Manifest);

    /// <exception cref="InvalidDataException">It is not one, or of a newer version.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(json, ManifestJson.Default.Manifest);
            if (manifest is { Format: CurrentFormat } && !manifest.IsWhole)
            {
                throw new InvalidDataException($"{Name} is no list of files: something is missing in it");
            }

            return manifest is { Format: CurrentFormat } ? manifest : throw new InvalidDataException($"{Name} is of version {manifest?.Format}; this netproto knows version {CurrentFormat}");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{Name} is no list of files: {e.Message}");
        }
    }
}

/// <summary>A file as it was when it was read.</summary>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">Their hash, in capitals.</param>
internal sealed record ManifestFile(long Size, string Sha256);

[JsonSerializable(typeof(Manifest))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class ManifestJson : JsonSerializerContext;
