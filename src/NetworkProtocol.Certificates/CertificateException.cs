namespace NetworkProtocol.Certificates;

/// <summary>A certificate or key cannot be used. The message says what the file must be or have, and what it is or has.</summary>
internal sealed class CertificateException(string path, string problem, Exception? inner = null) : Exception(problem, inner)
{
    /// <summary>The path of the file.</summary>
    public string Path { get; } = path;
}
