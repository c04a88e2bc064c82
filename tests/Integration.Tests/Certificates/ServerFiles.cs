using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Integration.Tests.Certificates;

/// <summary>A server's certificate files in a folder of the test. At first they hold a good chain of three certificates.</summary>
internal sealed class ServerFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("np-certificates-");

    public ServerFiles()
    {
        Root = Issued.Root("root");
        Intermediate = Root.Intermediate("intermediate");
        Good = Intermediate.Server();
        WriteGood();
    }

    public Issued Root { get; }

    public Issued Intermediate { get; }

    public Issued Good { get; }

    public string Chain => Under("fullchain.pem");

    public string Key => Under("privkey.pem");

    public string ClientCa => Under("clients.pem");

    public string Under(string name) => Path.Combine(_folder.FullName, name);

    public string WriteGood() => Write(Good, Intermediate, Root);

    /// <summary>Writes a chain with the key of its first certificate, and returns the serial number.</summary>
    public string Write(params Issued[] chain)
    {
        File.WriteAllText(Chain, string.Concat(chain.Select(issued => issued.Pem)));
        File.WriteAllText(Key, chain[0].KeyPem);
        return chain[0].Certificate.SerialNumber;
    }

    public Dictionary<string, string?> Settings(params (string Key, string Value)[] more) => new((KeyValuePair<string, string?>[])
    [
        new("Tls:Mode", "Required"), new("Tls:CertificatePath", Chain), new("Tls:KeyPath", Key),
        .. more.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)),
    ]);

    public string[] Arguments(string section = "Server") =>
    [
        $"--NetworkProtocol:Server:Tls:Mode={(section == "Server" ? "Required" : "Disabled")}",
        $"--NetworkProtocol:{section}:Tls:CertificatePath={Chain}", $"--NetworkProtocol:{section}:Tls:KeyPath={Key}",
    ];

    /// <summary>The trust policy of a client that knows only the root.</summary>
    public X509ChainPolicy ClientPolicy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(Root.Certificate);
        return policy;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
