using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Node;

/// <summary>Reads the sources of a configuration again, without changing the values that the program uses.</summary>
internal static class ConfigurationFiles
{
    /// <summary>
    /// The current values of some settings in their sources; null while a source cannot be read. The method builds only providers and not a
    /// configuration: a second configuration, even a disposed or failed one, would leave callbacks in the host's configuration or dispose
    /// it.
    /// </summary>
    public static Dictionary<string, string?>? ReadAgain(this IConfigurationRoot configuration, IEnumerable<string> keys)
    {
        var sources = ((IConfigurationBuilder)configuration).Sources.Select(WithoutDispose);
        IConfigurationProvider[] providers = [.. sources.Select(source => source.Build(new ConfigurationBuilder()))];
        try
        {
            Array.ForEach(providers, provider => provider.Load());
            Array.Reverse(providers); // the last source has priority
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

    private static IConfigurationSource WithoutDispose(IConfigurationSource source) =>
        source is ChainedConfigurationSource { Configuration: { } configuration }
            ? new ChainedConfigurationSource { Configuration = configuration }
            : source;
}
