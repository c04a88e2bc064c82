using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Node;

/// <summary>Reads a configuration's sources once more, beside what the program has read from them.</summary>
internal static class ConfigurationFiles
{
    /// <summary>
    /// The values of some settings; null while a source cannot be read. By its providers alone: a whole configuration, also one that is disposed
    /// or fails while it is built, leaves callbacks behind in the host's, or disposes that with itself.
    /// </summary>
    public static Dictionary<string, string?>? ReadAgain(this IConfigurationRoot configuration, IEnumerable<string> keys)
    {
        IConfigurationProvider[] providers = [.. ((IConfigurationBuilder)configuration).Sources.Select(Ours).Select(source => source.Build(new ConfigurationBuilder()))];
        try
        {
            Array.ForEach(providers, provider => provider.Load());
            Array.Reverse(providers); // the last source wins
            return keys.ToDictionary(key => key, key => ValueOf(key, providers), StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            Array.ForEach(providers, provider => (provider as IDisposable)?.Dispose());
        }
    }

    private static string? ValueOf(string key, IConfigurationProvider[] providers)
    {
        string? value = null;
        _ = Array.Exists(providers, provider => provider.TryGet(key, out value));
        return value;
    }

    private static IConfigurationSource Ours(IConfigurationSource source) =>
        source is ChainedConfigurationSource { Configuration: { } configuration } ? new ChainedConfigurationSource { Configuration = configuration } : source;
}
