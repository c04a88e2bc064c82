namespace NetworkProtocol.Server.Connections;

/// <summary>What a client's name comes from.</summary>
public enum ClientIdentityKind
{
    /// <summary>The client has no name: the server requested no certificate, or the certificate has no name.</summary>
    None,

    /// <summary>The first URI among the subject alternative names of its certificate, as SPIFFE uses it.</summary>
    CertificateUri,

    /// <summary>The first DNS name among the subject alternative names of its certificate.</summary>
    CertificateDns,

    /// <summary>The common name of its certificate's subject.</summary>
    CertificateCommonName,

    /// <summary>The number of the user whose process connected to the Unix socket.</summary>
    UnixUser,
}
